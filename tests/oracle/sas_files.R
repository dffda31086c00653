# A CSV file as a SAS data set: Rscript sas_files.R table.csv table.sas7bdat
# Text stays text, with "NA" as it is. Package: haven (write_sas is deprecated there, since SAS itself may refuse
# its files; it writes what the reader under test must read).

suppressPackageStartupMessages(library(haven))

arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(arguments[1], colClasses = "character", na.strings = character(0), check.names = FALSE)
suppressWarnings(write_sas(table, arguments[2]))

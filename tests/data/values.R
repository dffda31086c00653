# How values.sas7bdat was made: Rscript values.R values.sas7bdat (package haven). Three rows: text that looks like a
# missing value, numbers with a missing one, partial dates as text, and SAS dates and moments with a missing one.

suppressPackageStartupMessages(library(haven))

values <- data.frame(
  USUBJID = c("01", "02", "03"),
  AVAL = c(32.32, 4, NA),
  WORD = c("NA", "", "a, b"),
  DAY = c("2014-02-03", "2014-02", ""),
  ADT = as.Date(c("2014-02-03", NA, "2012-02-29")),
  ADTM = as.POSIXct(c("2014-02-03 11:45:00", NA, "2012-02-29 00:00:00"), tz = "UTC")
)
suppressWarnings(write_sas(values, commandArgs(trailingOnly = TRUE)[1]))

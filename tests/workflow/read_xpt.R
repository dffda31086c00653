# Writes what haven finds in transport files: <name>.variables.tsv (name, label, class) and <name>.values.tsv.
suppressMessages(library(haven))

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]

as_told <- function(column) {
  if (inherits(column, "Date")) return(ifelse(is.na(column), "", format(column)))
  if (is.numeric(column)) return(ifelse(is.na(column), "", formatC(column, digits = 15, format = "g", width = 1)))
  column
}

for (path in arguments[-1]) {
  data <- read_xpt(path)
  name <- file.path(folder, tools::file_path_sans_ext(basename(path)))
  variables <- data.frame(
    name = names(data),
    label = vapply(data, function(column) paste0(attr(column, "label"), ""), ""),
    class = vapply(data, function(column) class(column)[1], "")
  )
  write.table(variables, paste0(name, ".variables.tsv"), sep = "\t", row.names = FALSE, quote = FALSE)
  told <- as.data.frame(lapply(data, as_told), stringsAsFactors = FALSE)
  write.table(told, paste0(name, ".values.tsv"), sep = "\t", row.names = FALSE, quote = FALSE)
}

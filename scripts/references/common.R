# Shared by the reference scripts: how a function is named, run for every set, and written with the call that made it.
suppressWarnings(suppressMessages(library(jsonlite)))
arguments <- commandArgs(trailingOnly = TRUE)
data_folder <- arguments[1]
out_folder <- arguments[2]
functions <- list()

# Run `compute` (a function of one set) for every set; keep its numbers, NULL where R cannot give them.
reference <- function(name, package, call, fields, sets, compute) {
  started <- proc.time()[3]
  values <- lapply(sets, function(s) {
    got <- tryCatch(suppressWarnings(as.numeric(compute(s))), error = function(e) NULL)
    if (is.null(got)) return(NULL)
    got[!is.finite(got)] <- NA
    got
  })
  version <- if (package == "base") paste(R.version$major, R.version$minor, sep = ".") else as.character(packageVersion(package))
  message(sprintf("%-36s %6.1f s, %d of %d sets", name, proc.time()[3] - started, sum(!sapply(values, is.null)), length(sets)))
  functions[[name]] <<- list(package = package, version = version, call = call, fields = fields, values = unname(values))
}

finish <- function(file, script) {
  header <- list(made_with = R.version.string, command = "sh scripts/references/run.sh", script = paste0("scripts/references/", script))
  text <- toJSON(list(header = header, functions = functions), auto_unbox = TRUE, digits = NA, na = "null", null = "null")
  text <- gsub("},\"", "},\n\"", text, fixed = TRUE)
  writeLines(text, file.path(out_folder, file))
}

by_set <- function(file) {
  d <- read.csv(file.path(data_folder, file), colClasses = "numeric")
  lapply(split(d, d$set), function(part) { rownames(part) <- NULL; part })
}

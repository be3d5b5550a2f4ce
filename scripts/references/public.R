# Public teaching data of package survival (LGPL-2 or later). Only the numbers are shipped; the data are written to the build folder for whoever has R.
source("scripts/references/common.R")
suppressMessages({ library(survival); library(cmprsk) })
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 200, timefix = FALSE)
death <- function(d, x) data.frame(time = d$time, event = d$event, x)
take <- function(d, time, event, ...) { x <- data.frame(time = d[[time]], event = event, ...); x[complete.cases(x), ] }
first <- cgd[cgd$enum == 1, ]
end <- colon[colon$etype == 2, ]
sets <- list(
  veteran = take(veteran, "time", veteran$status, x1 = as.numeric(veteran$trt == 2)),
  lung = take(lung, "time", as.numeric(lung$status == 2), x1 = as.numeric(lung$sex == 2)),
  lung3 = take(lung, "time", as.numeric(lung$status == 2), x1 = as.numeric(lung$sex == 2), x2 = lung$age, x3 = lung$ph.ecog),
  pbc = take(pbc, "time", as.numeric(pbc$status == 2), x1 = as.numeric(pbc$trt == 2)),
  gbsg = take(gbsg, "rfstime", gbsg$status, x1 = gbsg$hormon),
  ovarian = take(ovarian, "futime", ovarian$fustat, x1 = as.numeric(ovarian$rx == 2)),
  myeloid = take(myeloid, "futime", myeloid$death, x1 = as.numeric(myeloid$trt == "B")),
  colon = take(end, "time", end$status, x1 = as.numeric(end$rx == "Lev"), x2 = as.numeric(end$rx == "Lev+5FU")),
  cgd = take(first, "tstop", first$status, x1 = as.numeric(first$treat == "rIFN-g")),
  mgus2 = with(mgus2, data.frame(time = ifelse(pstat == 1, ptime, futime), event = ifelse(pstat == 1, 1, 2 * death), x1 = as.numeric(sex == "M"))))
dir.create(file.path(data_folder, "public"), showWarnings = FALSE)
numbers <- list()
for (name in names(sets)) {
  d <- sets[[name]]
  write.csv(format(d, digits = 17), file.path(data_folder, "public", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
  x <- as.matrix(d[grep("^x", names(d))])
  if (name == "mgus2") {
    f <- crr(d$time, d$event, x)
    for (k in 1:50) { step <- solve(f$inf, f$score); f <- crr(d$time, d$event, x, init = f$coef + step, maxiter = 0); if (max(abs(step)) < 1e-13) break }
    s <- cuminc(d$time, d$event, d$x1); p <- timepoints(cuminc(d$time, d$event), c(60, 120))
    numbers[[name]] <- list(fine_gray = c(f$coef, sqrt(diag(f$var)), f$loglik), gray = s$Tests[, "stat"], incidence = p$est["1 1", ], variance = p$var["1 1", ])
    next
  }
  out <- list()
  for (ties in c("efron", "breslow", "exact")) {
    f <- coxph(Surv(time, event) ~ x, d, ties = ties, control = tight)
    out[[paste0("cox.", ties)]] <- c(coef(f), sqrt(diag(f$var)), f$loglik, f$score, f$wald.test)
    if (ties == "efron") for (tr in c("km", "rank", "identity", "log")) out[[paste0("zph.", tr)]] <- cox.zph(f, transform = tr, terms = FALSE)$table[, 1]
  }
  if (ncol(x) < 3) out$log_rank <- survdiff(Surv(d$time, d$event) ~ drop(x %*% seq_len(ncol(x))))$chisq
  k <- survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"); q <- quantile(k, 0.5); out$median <- unname(c(q$quantile, q$lower, q$upper))
  r <- summary(k, rmean = 180)$table; out$rmst180 <- unname(r[c("rmean", "se(rmean)")])
  numbers[[name]] <- lapply(out, unname)
}
version <- as.character(packageVersion("survival"))
header <- list(made_with = R.version.string, survival = version, cmprsk = as.character(packageVersion("cmprsk")), command = "sh scripts/references/run.sh",
  script = "scripts/references/public.R", data = "package survival, LGPL-2 or later: not shipped, only the numbers made from them")
writeLines(gsub("},\"", "},\n\"", toJSON(list(header = header, sets = lapply(numbers, lapply, unname)), auto_unbox = TRUE, digits = NA, na = "null"), fixed = TRUE), file.path(out_folder, "public.json"))

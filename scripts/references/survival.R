# Curves and log-rank tests: survfit and survdiff of package survival.
source("scripts/references/common.R")
suppressMessages(library(survival))
sets <- lapply(by_set("times.csv"), function(d) { d$dead <- as.numeric(d$event > 0); d })
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 200, timefix = FALSE)

three <- function(d) unname(quantile(d$time, c(0.2, 0.5, 0.8), type = 1))
km <- function(formula, scale) function(d) {
  s <- survfit(formula, d, conf.type = scale, timefix = FALSE)
  at <- summary(s, times = three(d), extend = TRUE)
  q <- quantile(s, 0.5)
  c(at$surv, at$std.err, at$lower, at$upper, q$quantile, q$lower, q$upper)
}
curve_fields <- c("survival 20 50 80 %", "standard error", "lower", "upper", "median", "median lower", "median upper")
for (scale in c("log-log", "log", "plain", "logit", "arcsin")) {
  if (scale %in% c("log-log", "log"))
    reference(paste0("kaplan_meier.", scale), "survival", paste0("survfit(Surv(time, dead) ~ 1, conf.type = '", scale, "', timefix = FALSE)"),
      curve_fields, sets, km(Surv(time, dead) ~ 1, scale))
  else
    reference(paste0("kaplan_meier.", scale), "survival", paste0("survfit(Surv(time, dead) ~ 1, conf.type = '", scale, "', timefix = FALSE)"),
      c("lower", "upper"), sets, function(d) { a <- summary(survfit(Surv(time, dead) ~ 1, d, conf.type = scale, timefix = FALSE), times = three(d)[2]); c(a$lower, a$upper) })
}
reference("kaplan_meier.entry", "survival", "survfit(Surv(entry, time, dead) ~ 1, conf.type = 'log-log', timefix = FALSE)", curve_fields, sets,
  km(Surv(entry, time, dead) ~ 1, "log-log"))
reference("follow_up", "survival", "quantile(survfit(Surv(time, 1 - dead) ~ 1, conf.type = 'log-log'), c(.25, .5, .75))",
  c("q1", "median", "q3", "lower", "upper"), sets, function(d) {
    q <- quantile(survfit(Surv(time, 1 - dead) ~ 1, d, conf.type = "log-log", timefix = FALSE), c(0.25, 0.5, 0.75))
    c(q$quantile, q$lower[2], q$upper[2])
  })
reference("rmst", "survival", "summary(survfit(Surv(time, dead) ~ 1), rmean = horizon)$table", c("restricted mean", "standard error"), sets, function(d) {
  summary(survfit(Surv(time, dead) ~ 1, d, timefix = FALSE), rmean = three(d)[3])$table[c("rmean", "se(rmean)")]
})
reference("rmst_difference", "survival", "summary(survfit(Surv(time, dead) ~ x2), rmean = horizon)$table", c("difference", "standard error"), sets, function(d) {
  horizon <- min(tapply(d$time, d$x2, max)) # known in both groups
  t <- summary(survfit(Surv(time, dead) ~ x2, d, timefix = FALSE), rmean = horizon)$table
  c(t[2, "rmean"] - t[1, "rmean"], sqrt(sum(t[, "se(rmean)"]^2)))
})

lr <- function(formula, rho) function(d) survdiff(formula, d, rho = rho)$chisq
reference("log_rank", "survival", "survdiff(Surv(time, dead) ~ x2)", "chi-square, observed, expected", sets, function(d) {
  s <- survdiff(Surv(time, dead) ~ x2, d); c(s$chisq, s$obs, s$exp) })
reference("log_rank.peto-peto", "survival", "survdiff(Surv(time, dead) ~ x2, rho = 1)", "chi-square", sets, lr(Surv(time, dead) ~ x2, 1))
reference("log_rank.rho", "survival", "survdiff(Surv(time, dead) ~ x2, rho = 0.5)", "chi-square", sets, lr(Surv(time, dead) ~ x2, 0.5))
reference("log_rank.strata", "survival", "survdiff(Surv(time, dead) ~ x2 + strata(stratum))", "chi-square", sets, lr(Surv(time, dead) ~ x2 + strata(stratum), 0))
reference("log_rank.three", "survival", "survdiff(Surv(time, dead) ~ pmin(stratum, 2))", "chi-square", sets, lr(Surv(time, dead) ~ pmin(stratum, 2), 0))
# coxph(ties = 'exact') lists every subset when entry is late: only sets where that list is short.
short <- function(d) {
  t <- unique(d$time[d$dead == 1])
  sum(sapply(t, function(u) choose(sum(d$time >= u & d$entry < u), sum(d$time == u & d$dead == 1)))) < 20000
}
reference("log_rank.entry", "survival", "coxph(Surv(entry, time, dead) ~ x2, ties = 'exact')$score where its list of subsets is short", "chi-square", sets, function(d) {
  if (!short(d)) stop("too many subsets")
  coxph(Surv(entry, time, dead) ~ x2, d, ties = "exact", control = tight)$score })

# Weighted log-rank with other weights: no Debian package has them; the counts are survfit's, the sums are written out.
weighted <- function(kind) function(d) {
  s <- summary(survfit(Surv(time, dead) ~ 1, d, timefix = FALSE)); n <- s$n.risk; e <- s$n.event
  n1 <- sapply(s$time, function(t) sum(d$time >= t & d$x2 == 1)); e1 <- sapply(s$time, function(t) sum(d$time == t & d$dead == 1 & d$x2 == 1))
  before <- c(1, s$surv[-length(s$surv)])
  w <- switch(kind, gehan = n, "tarone-ware" = sqrt(n), fh = before^0.5 * (1 - before)^1)
  v <- w^2 * e * n1 / n * (1 - n1 / n) * ifelse(n > 1, (n - e) / (n - 1), 0)
  sum(w * (e1 - e * n1 / n))^2 / sum(v)
}
for (kind in c("gehan", "tarone-ware", "fh"))
  reference(paste0("log_rank.", kind), "survival", paste0("counts of survfit, weights '", kind, "' summed as in scripts/references/survival.R"), "chi-square", sets, weighted(kind))

finish("survival.json", "survival.R")

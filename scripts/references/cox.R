# Cox models and the test of proportional hazards: coxph and cox.zph of package survival, run to convergence.
source("scripts/references/common.R")
suppressMessages(library(survival))
sets <- lapply(by_set("times.csv"), function(d) { d$dead <- as.numeric(d$event > 0); d })
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 200, timefix = FALSE)

# coxph(ties = 'exact') lists every subset when entry is late: only sets where that list is short.
short <- function(d) {
  t <- unique(d$time[d$dead == 1])
  sum(sapply(t, function(u) choose(sum(d$time >= u & d$entry < u), sum(d$time == u & d$dead == 1)))) < 20000
}
# A coefficient that runs to infinity: R warns; every other number of that fit is then NULL, the likelihoods stay.
fit <- function(formula, ties, ...) function(d) {
  if (ties == "exact" && grepl("entry", deparse(formula)) && !short(d)) stop("too many subsets")
  start <- coxph(formula, d, ties = ties, control = coxph.control(iter.max = 0, timefix = FALSE), init = c(0, 0), ...)
  if (any(diag(as.matrix(start$var)) <= 0)) stop("collinear among those at risk")
  endless <- FALSE
  f <- withCallingHandlers(coxph(formula, d, ties = ties, control = tight, ...), warning = function(w) {
    if (grepl("infinite|Ran out|converge", conditionMessage(w))) endless <<- TRUE
  })
  b <- f$coefficients; se <- sqrt(diag(as.matrix(f$var)))
  # Where it runs to infinity the second likelihood is replaced by the likelihood-ratio statistic, which has a limit.
  # Newton stops short of that limit when the information is used up; the highest likelihood further out along those coefficients is taken.
  if (endless || any(se > 100 | se == 0)) {
    top <- f$loglik[2]
    for (far in c(4, 8, 16, 32, 64)) for (which in list(c(1, 1), c(1, 0), c(0, 1))) {
      g <- coxph(formula, d, ties = ties, init = b + far * sign(b) * which, control = coxph.control(iter.max = 0, timefix = FALSE), ...)
      if (is.finite(g$loglik[2])) top <- max(top, g$loglik[2])
    }
    f$loglik[2] <- top
  }
  if (endless || any(se > 100 | se == 0)) c(NA, NA, NA, NA, f$loglik[1], 2 * diff(f$loglik), f$score, NA) else c(b, se, f$loglik, f$score, f$wald.test)
}
fields <- c("coefficients", "standard errors", "log likelihood null, fitted", "score test", "Wald test")
plain <- Surv(time, dead) ~ x1 + x2
late <- Surv(entry, time, dead) ~ x1 + x2
for (ties in c("efron", "breslow", "exact")) {
  call <- function(f) paste0("coxph(", f, ", ties = '", ties, "', control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 200, timefix = FALSE))")
  reference(paste0("cox.", ties), "survival", call("Surv(time, dead) ~ x1 + x2"), fields, sets, fit(plain, ties))
  reference(paste0("cox.", ties, ".entry"), "survival", call("Surv(entry, time, dead) ~ x1 + x2"), fields, sets, fit(late, ties))
  reference(paste0("cox.", ties, ".strata"), "survival", call("Surv(time, dead) ~ x1 + x2 + strata(stratum)"), fields, sets,
    fit(Surv(time, dead) ~ x1 + x2 + strata(stratum), ties))
}
robust <- function(formula, ties) function(d) {
  environment(formula) <- environment()
  start <- coxph(formula, d, ties = ties, weights = d$weight, control = coxph.control(iter.max = 0, timefix = FALSE), init = c(0, 0))
  if (any(diag(start$var) <= 0)) stop("collinear among those at risk")
  f <- coxph(formula, d, ties = ties, weights = d$weight, cluster = d$cluster, control = tight)
  if (any(sqrt(diag(f$naive.var)) > 100)) rep(NA, 6) else c(coef(f), sqrt(diag(f$var)), sqrt(diag(f$naive.var)))
}
for (ties in c("efron", "breslow")) {
  reference(paste0("cox.", ties, ".robust"), "survival", paste0("coxph(Surv(time, dead) ~ x1 + x2, ties = '", ties, "', weights = weight, cluster = cluster)"),
    c("coefficients", "robust errors", "naive errors"), sets, robust(plain, ties))
  reference(paste0("cox.", ties, ".robust.entry"), "survival", paste0("coxph(Surv(entry, time, dead) ~ x1 + x2, ties = '", ties, "', weights = weight, cluster = cluster)"),
    c("coefficients", "robust errors", "naive errors"), sets, robust(late, ties))
}
zph <- function(formula, transform) function(d) {
  environment(formula) <- environment() # cox.zph looks the data up again
  f <- coxph(formula, d, control = tight)
  if (any(is.na(coef(f)))) stop("collinear among those at risk")
  if (any(sqrt(diag(f$var)) > 100)) return(rep(NA, 3))
  cox.zph(f, transform = transform)$table[, 1]
}
for (transform in c("km", "rank", "identity", "log"))
  reference(paste0("cox_zph.", transform), "survival", paste0("cox.zph(coxph(Surv(time, dead) ~ x1 + x2), transform = '", transform, "')"), c("x1", "x2", "all"), sets, zph(plain, transform))
reference("cox_zph.entry", "survival", "cox.zph(coxph(Surv(entry, time, dead) ~ x1 + x2))", c("x1", "x2", "all"), sets, zph(late, "km"))
reference("cox_zph.strata", "survival", "cox.zph(coxph(Surv(time, dead) ~ x1 + x2 + strata(stratum)))", c("x1", "x2", "all"), sets, zph(Surv(time, dead) ~ x1 + x2 + strata(stratum), "km"))
finish("cox.json", "cox.R")

# Competing causes (cmprsk, survival), person-time (base) and the win ratio (sums written out).
source("scripts/references/common.R")
suppressMessages({ library(survival); library(cmprsk) })
sets <- by_set("times.csv")
# cuminc gives -1 where its covariance is singular.
stat <- function(value) if (value < 0) stop("singular") else value
three <- function(d) unname(quantile(d$time, c(0.2, 0.5, 0.8), type = 1))
for (cause in 1:2) {
  reference(paste0("aalen_johansen.aalen.", cause), "cmprsk", paste0("timepoints(cuminc(time, event), times)  # cause ", cause), c("incidence 20 50 80 %", "variance"), sets, function(d) {
    if (!any(d$event == cause)) stop("no such cause")
    p <- timepoints(cuminc(d$time, d$event), three(d)); row <- paste("1", cause); c(p$est[row, ], p$var[row, ]) })
  reference(paste0("aalen_johansen.jackknife.", cause), "survival", paste0("summary(survfit(Surv(time, factor(event)) ~ 1, conf.type = 'log-log'), times = times)  # state ", cause),
    c("incidence", "standard error", "lower", "upper"), sets, function(d) {
      if (!any(d$event == cause)) stop("no such cause")
      s <- survfit(Surv(time, factor(event, 0:2)) ~ 1, d, conf.type = "log-log", timefix = FALSE); a <- summary(s, times = three(d), extend = TRUE)
      k <- which(s$states == as.character(cause)); c(a$pstate[, k], a$std.err[, k], a$lower[, k], a$upper[, k]) })
  for (rho in 0:1)
    reference(paste0("gray.", cause, ".rho", rho), "cmprsk", paste0("cuminc(time, event, x2, rho = ", rho, ")$Tests"), "chi-square", sets, function(d) {
      if (!any(d$event == cause)) stop("no such cause")
      stat(cuminc(d$time, d$event, d$x2, rho = rho)$Tests[as.character(cause), "stat"]) })
  reference(paste0("gray.", cause, ".strata"), "cmprsk", "cuminc(time, event, x2, strata = stratum)$Tests", "chi-square", sets, function(d) {
    if (!any(d$event == cause)) stop("no such cause")
    stat(cuminc(d$time, d$event, d$x2, d$stratum)$Tests[as.character(cause), "stat"]) })
  reference(paste0("gray.", cause, ".three"), "cmprsk", "cuminc(time, event, pmin(stratum, 2))$Tests", "chi-square", sets, function(d) {
    if (!any(d$event == cause)) stop("no such cause")
    stat(cuminc(d$time, d$event, pmin(d$stratum, 2))$Tests[as.character(cause), "stat"]) })
  # crr's own line search gives up before its tightest tolerance; Newton steps on crr's own score and information finish the job.
  reference(paste0("fine_gray.", cause), "cmprsk", paste0("crr(time, event, cbind(x1, x2), failcode = ", cause, "), then b <- b + solve($inf, $score) with crr(init = b, maxiter = 0) until the step is below 1e-13"),
    c("coefficients", "standard errors", "log likelihood null, fitted"), sets, function(d) {
      if (!any(d$event == cause)) stop("no such cause")
      x <- cbind(d$x1, d$x2)
      f <- crr(d$time, d$event, x, failcode = cause)
      null <- f$loglik.null
      for (k in 1:50) {
        step <- tryCatch(solve(f$inf, f$score), error = function(e) c(NA, NA))
        if (any(!is.finite(step)) || any(abs(f$coef + step) > 12)) return(c(NA, NA, NA, NA, null, NA))
        f <- crr(d$time, d$event, x, failcode = cause, init = f$coef + step, maxiter = 0)
        if (max(abs(step)) < 1e-13) break
      }
      g <- crr(d$time, d$event, x, failcode = cause, init = f$coef, maxiter = 0)
      c(g$coef, sqrt(diag(g$var)), null, g$loglik) })
}
reference("rate", "base", "poisson.test(d, t)$conf.int", c("rate", "lower", "upper"), sets, function(d) {
  p <- poisson.test(sum(d$event > 0), sum(d$time)); c(p$estimate, p$conf.int) })
reference("rate_ratio.exact", "base", "poisson.test(c(d1, d0), c(t1, t0))", c("ratio", "lower", "upper", "P"), sets, function(d) {
  g <- d$x2 == 1; p <- poisson.test(c(sum(d$event[g] > 0), sum(d$event[!g] > 0)), c(sum(d$time[g]), sum(d$time[!g]))); c(p$estimate, p$conf.int, p$p.value) })
reference("rate_ratio.log", "base", "exp(log(ratio) -+ qnorm(.975) * sqrt(1/d1 + 1/d0))", c("ratio", "lower", "upper"), sets, function(d) {
  g <- d$x2 == 1; d1 <- sum(d$event[g] > 0); d0 <- sum(d$event[!g] > 0); r <- d1 / sum(d$time[g]) / (d0 / sum(d$time[!g]))
  if (d1 * d0 == 0) stop("empty"); r * exp(c(0, -1, 1) * qnorm(0.975) * sqrt(1 / d1 + 1 / d0)) })
reference("rate_difference", "base", "gap -+ qnorm(.975) * sqrt(d1/t1^2 + d0/t0^2)", c("difference", "lower", "upper"), sets, function(d) {
  g <- d$x2 == 1; d1 <- sum(d$event[g] > 0); d0 <- sum(d$event[!g] > 0); t1 <- sum(d$time[g]); t0 <- sum(d$time[!g])
  d1 / t1 - d0 / t0 + c(0, -1, 1) * qnorm(0.975) * sqrt(d1 / t1^2 + d0 / t0^2) })

# Win ratio: no Debian package; every pair is compared in a plain double loop.
verdict <- function(d, i, j) {
  for (level in 1:2) {
    t <- if (level == 1) d$time else d$second; e <- if (level == 1) d$event == 1 else d$second_event == 1
    if (e[j] && (t[i] > t[j] || (t[i] == t[j] && !e[i]))) return(1)
    if (e[i] && (t[j] > t[i] || (t[i] == t[j] && !e[j]))) return(-1)
  }
  sign(ifelse(abs(d$x1[i] - d$x1[j]) > 0.25, d$x1[i] - d$x1[j], 0))
}
reference("win_ratio", "base", "double loop over pairs, U-statistic variance of Bebu and Lachin, in scripts/references/competing.R",
  c("wins", "losses", "ratio", "se of log ratio", "se of net benefit", "Finkelstein-Schoenfeld z"), sets[seq_len(100)], function(d) {
    n <- nrow(d); m <- outer(seq_len(n), seq_len(n), Vectorize(function(i, j) verdict(d, i, j)))
    a <- which(d$x2 == 1); b <- which(d$x2 == 0); u <- m[a, b]; w <- (u == 1) * 1; l <- (u == -1) * 1
    pop <- function(x, y) mean((x - mean(x)) * (y - mean(y)))
    pair <- function(x, y) pop(rowMeans(x), rowMeans(y)) / length(a) + pop(colMeans(x), colMeans(y)) / length(b)
    pw <- mean(w); pl <- mean(l); s <- rowSums(m)
    if (pw * pl == 0) stop("one-sided")
    c(sum(w), sum(l), pw / pl, sqrt(pair(w, w) / pw^2 + pair(l, l) / pl^2 - 2 * pair(w, l) / (pw * pl)),
      sqrt(pair(w, w) + pair(l, l) - 2 * pair(w, l)), sum(s[a]) / sqrt(length(a) * length(b) / (n * (n - 1)) * sum(s^2))) })
finish("competing.json", "competing.R")

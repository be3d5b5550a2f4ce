# Tables of counts: base R and metafor. Where R's function stops its root finding early, a copy of it runs with a tight root finder.
source("scripts/references/common.R")
suppressMessages(library(metafor))
sets <- by_set("tables.csv")
two <- function(d) matrix(c(d$x1, d$n1 - d$x1, d$x0, d$n0 - d$x0), 2, byrow = TRUE)
tight <- function(f) { environment(f) <- new.env(parent = asNamespace("stats"))
  assign("uniroot", function(...) { a <- list(...); a$tol <- 1e-16; a$maxiter <- 10000; do.call(stats::uniroot, a) }, environment(f)); f }
fisher <- tight(fisher.test)
counts <- c("x1", "n1", "x0", "n0")
reference("chi_square", "base", "chisq.test(table, correct = FALSE)", c("statistic", "P"), sets, function(d) { r <- chisq.test(two(d), correct = FALSE); c(r$statistic, r$p.value) })
reference("chi_square.yates", "base", "chisq.test(table)", c("statistic", "P"), sets, function(d) { r <- chisq.test(two(d)); c(r$statistic, r$p.value) })
square <- function(d) matrix(unlist(d[paste0("c", rep(0:2, each = 3), rep(0:2, 3))]), 3, byrow = TRUE)
reference("chi_square.large", "base", "chisq.test(3 x 3 table)", c("statistic", "P"), sets, function(d) { r <- chisq.test(square(d)); c(r$statistic, r$p.value) })
reference("fisher.large", "base", "fisher.test(3 x 3 table)", "P", sets, function(d) fisher.test(square(d), workspace = 2e7)$p.value)
for (side in c("two.sided", "greater", "less"))
  reference(paste0("fisher.", side), "base", paste0("fisher.test(table, alternative = '", side, "') with uniroot tol 1e-16"), c("P", "odds ratio", "lower", "upper"), sets, function(d) {
    r <- fisher(two(d), alternative = side); c(r$p.value, r$estimate, r$conf.int) })
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int
reference("proportion", "base", "prop.test(x, n, correct = FALSE); binom.test; Wald; qbeta(x + .5, n - x + .5); Agresti-Coull", c("wilson", "clopper-pearson", "wald", "jeffreys", "agresti-coull"), sets, function(d) {
  x <- d$x1; n <- d$n1; z <- qnorm(0.975); p <- x / n; q <- (x + z^2 / 2) / (n + z^2)
  clip <- function(v) pmin(1, pmax(0, v))
  c(wilson(x, n), binom.test(x, n)$conf.int, clip(p + c(-1, 1) * z * sqrt(p * (1 - p) / n)), if (x == 0) 0 else qbeta(0.025, x + 0.5, n - x + 0.5), if (x == n) 1 else qbeta(0.975, x + 0.5, n - x + 0.5),
    clip(q + c(-1, 1) * z * sqrt(q * (1 - q) / (n + z^2)))) })
both <- function(d, correct) prop.test(c(d$x1, d$x0), c(d$n1, d$n0), correct = correct)$conf.int
reference("risk_difference.wald", "base", "prop.test(c(x1, x0), c(n1, n0), correct = FALSE)", c("lower", "upper"), sets, function(d) both(d, FALSE))
reference("risk_difference.wald-yates", "base", "prop.test(c(x1, x0), c(n1, n0))", c("lower", "upper"), sets, function(d) both(d, TRUE))
reference("risk_difference.newcombe", "base", "Newcombe's method 10 from the limits of prop.test(x, n, correct = FALSE)", c("lower", "upper"), sets, function(d) {
  p1 <- d$x1 / d$n1; p0 <- d$x0 / d$n0; a <- wilson(d$x1, d$n1); b <- wilson(d$x0, d$n0)
  c(p1 - p0 - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), p1 - p0 + sqrt((a[2] - p1)^2 + (p0 - b[1])^2)) })
reference("risk_difference.agresti-caffo", "base", "Wald after one event and one non-event more in each arm", c("lower", "upper"), sets, function(d) {
  p1 <- (d$x1 + 1) / (d$n1 + 2); p0 <- (d$x0 + 1) / (d$n0 + 2)
  pmin(1, pmax(-1, p1 - p0 + c(-1, 1) * qnorm(0.975) * sqrt(p1 * (1 - p1) / (d$n1 + 2) + p0 * (1 - p0) / (d$n0 + 2)))) })
ratio <- function(measure) function(d) {
  e <- escalc(measure, ai = d$x1, n1i = d$n1, ci = d$x0, n2i = d$n0, add = 0, to = "none"); if (!is.finite(e$vi)) stop("empty cell")
  exp(c(e$yi, e$yi + c(-1, 1) * qnorm(0.975) * sqrt(e$vi))) }
reference("risk_ratio.katz", "metafor", "escalc('RR', add = 0, to = 'none')", c("ratio", "lower", "upper"), sets, ratio("RR"))
reference("odds_ratio.woolf", "metafor", "escalc('OR', add = 0, to = 'none')", c("ratio", "lower", "upper"), sets, ratio("OR"))

# Score limits: constrained risks from polyroot, limits from uniroot at tol 1e-15; no Debian package has them.
inside <- function(roots, low, high) { r <- Re(roots[abs(Im(roots)) < 1e-6]); r <- r[r > low - 1e-9 & r < high + 1e-9]; min(high, max(low, r[which.min(abs(r - (low + high) / 2))])) }
best <- function(loglik, roots, low, high) { r <- Re(roots[abs(Im(roots)) < 1e-5]); r <- pmin(high, pmax(low, c(r, low, high))); r[which.max(sapply(r, loglik))] }
ll <- function(x, n, p) (if (x > 0) x * log(p) else 0) + (if (x < n) (n - x) * log(1 - p) else 0)
score_z <- function(d, effect, scale, corrected) {
  x1 <- d$x1; n1 <- d$n1; x0 <- d$x0; n0 <- d$n0; N <- n1 + n0; f <- if (corrected) N / (N - 1) else 1
  if (scale == "difference") {
    roots <- polyroot(c(x0 * effect * (1 - effect), (n0 * effect - N - 2 * x0) * effect + x1 + x0, (n1 + 2 * n0) * effect - N - x1 - x0, N))
    q0 <- best(function(p) ll(x1, n1, p + effect) + ll(x0, n0, p), roots, max(0, -effect), min(1, 1 - effect)); q1 <- q0 + effect
    return((x1 / n1 - x0 / n0 - effect) / sqrt((q1 * (1 - q1) / n1 + q0 * (1 - q0) / n0) * f))
  }
  if (scale == "ratio") {
    roots <- polyroot(c(x1 + x0, -((n1 + x0) * effect + n0 + x1), N * effect))
    q0 <- best(function(p) ll(x1, n1, p * effect) + ll(x0, n0, p), roots, 0, min(1, 1 / effect)); q1 <- q0 * effect
    return((x1 / n1 - effect * x0 / n0) / sqrt((q1 * (1 - q1) / n1 + effect^2 * q0 * (1 - q0) / n0) * f))
  }
  roots <- polyroot(c(-(x1 + x0), n1 * effect + n0 - (x1 + x0) * (effect - 1), n0 * (effect - 1)))
  risk <- function(p) effect * p / (1 + p * (effect - 1))
  q0 <- best(function(p) ll(x1, n1, risk(p)) + ll(x0, n0, p), roots, 0, 1); q1 <- risk(q0)
  (x1 - n1 * q1) * sqrt((1 / (n1 * q1 * (1 - q1)) + 1 / (n0 * q0 * (1 - q0))) / f)
}
score_interval <- function(scale, corrected) function(d) {
  if (d$x1 * d$x0 * (d$n1 - d$x1) * (d$n0 - d$x0) == 0) stop("an edge: compared by unit tests instead")
  z <- qnorm(0.975); back <- if (scale == "difference") identity else exp
  at <- function(t, target) score_z(d, back(t), scale, corrected) - target
  gap <- d$x1 / d$n1 - d$x0 / d$n0
  start <- switch(scale, difference = gap, ratio = log(d$x1 / d$n1 / (d$x0 / d$n0)), odds = log(d$x1 * (d$n0 - d$x0) / (d$x0 * (d$n1 - d$x1))))
  ends <- if (scale == "difference") c(-1 + 1e-13, 1 - 1e-13) else start + c(-14, 14)
  root <- function(target, lo, hi) back(uniroot(at, c(lo, hi), target = target, tol = 1e-16, maxiter = 10000)$root)
  c(root(z, ends[1], start), root(-z, start, ends[2]))
}
made <- "polyroot for the constrained risks, uniroot(tol = 1e-16) for the limits"
reference("risk_difference.miettinen-nurminen", "base", made, c("lower", "upper"), sets, score_interval("difference", TRUE))
reference("risk_difference.mee", "base", made, c("lower", "upper"), sets, score_interval("difference", FALSE))
reference("risk_ratio.miettinen-nurminen", "base", made, c("lower", "upper"), sets, score_interval("ratio", TRUE))
reference("risk_ratio.koopman", "base", made, c("lower", "upper"), sets, score_interval("ratio", FALSE))
reference("odds_ratio.miettinen-nurminen", "base", made, c("lower", "upper"), sets, score_interval("odds", TRUE))

# Exact unconditional tests: every table with dbinom, the worst common probability from 4,000 points and optimize(tol = 1e-14).
worst <- function(set, n1, n0) {
  size <- function(p) sum(outer(dbinom(0:n1, n1, p), dbinom(0:n0, n0, p))[set])
  grid <- (1:3999) / 4000; v <- sapply(grid, size); tops <- order(-v)[1:6]
  max(sapply(tops, function(k) optimize(size, grid[k] + c(-1, 1) / 4000, maximum = TRUE, tol = 1e-14)$objective))
}
small <- lapply(sets[seq(1, 300, 3)], function(d) if (d$n1 * d$n0 > 900) NULL else d)
reference("exact_unconditional.barnard", "base", "dbinom over every table ordered by |pooled z|, optimize(tol = 1e-14)", "P", small, function(d) {
  if (is.null(d)) stop("too large")
  z <- outer(0:d$n1, 0:d$n0, function(a, b) { p <- (a + b) / (d$n1 + d$n0); s <- sqrt(p * (1 - p) * (1 / d$n1 + 1 / d$n0)); ifelse(s > 0, abs(a / d$n1 - b / d$n0) / s, 0) })
  worst(z >= z[d$x1 + 1, d$x0 + 1] - 1e-9, d$n1, d$n0) })
reference("exact_unconditional.boschloo", "base", "dbinom over every table ordered by fisher.test()$p.value, optimize(tol = 1e-14)", "P", small, function(d) {
  if (is.null(d)) stop("too large")
  p <- outer(0:d$n1, 0:d$n0, Vectorize(function(a, b) if (a + b == 0 || a + b == d$n1 + d$n0) 1 else fisher.test(matrix(c(a, d$n1 - a, b, d$n0 - b), 2), conf.int = FALSE)$p.value))
  worst(p <= p[d$x1 + 1, d$x0 + 1] * (1 + 1e-7), d$n1, d$n0) })
finish("counts.json", "counts.R")

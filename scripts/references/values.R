# Measurements in two groups: base R; wilcox.test with tol.root at 1e-15.
source("scripts/references/common.R")
sets <- by_set("values.csv")
one <- function(d) d$value[d$group == 1]
zero <- function(d) d$value[d$group == 0]
for (equal in c(FALSE, TRUE))
  reference(if (equal) "t_test.student" else "t_test.welch", "base", paste0("t.test(one, zero, var.equal = ", equal, ")"), c("t", "df", "P", "lower", "upper"), sets, function(d) {
    r <- t.test(one(d), zero(d), var.equal = equal); c(r$statistic, r$parameter, r$p.value, r$conf.int) })
for (side in c("two.sided", "greater", "less"))
  reference(paste0("wilcoxon.", side), "base", paste0("wilcox.test(one, zero, alternative = '", side, "')"), c("W", "P"), sets, function(d) {
    r <- wilcox.test(one(d), zero(d), alternative = side); c(r$statistic, r$p.value) })
reference("wilcoxon.plain", "base", "wilcox.test(one, zero, exact = FALSE, correct = FALSE)", "P", sets, function(d) wilcox.test(one(d), zero(d), exact = FALSE, correct = FALSE)$p.value)
reference("hodges_lehmann.exact", "base", "wilcox.test(one, zero, conf.int = TRUE) without ties below 50 a group", c("shift", "lower", "upper"), sets, function(d) {
  a <- one(d); b <- zero(d); if (length(a) >= 50 || length(b) >= 50 || anyDuplicated(c(a, b))) stop("not exact")
  r <- wilcox.test(a, b, conf.int = TRUE); c(r$estimate, r$conf.int) })
reference("hodges_lehmann.normal", "base", "wilcox.test(one, zero, exact = FALSE, conf.int = TRUE, tol.root = 1e-15), limits only: R's estimate is a root where the median is exact", c("lower", "upper"), sets, function(d) {
  r <- wilcox.test(one(d), zero(d), exact = FALSE, conf.int = TRUE, tol.root = 1e-15); r$conf.int })
finish("values.json", "values.R")

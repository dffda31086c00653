# Answers of R to the cohorts of test_association_r.py: Rscript association.R cohorts.csv answers.tsv
# Packages: survival, coin, MASS. Firth's regressions are written out here, because logistf and coxphf are
# not in Debian: the penalised likelihood is maximised by optim, limits and p are taken from its profile.

suppressPackageStartupMessages({library(survival); library(coin); library(MASS)})

arguments <- commandArgs(trailingOnly = TRUE)
cohorts <- read.csv(arguments[1], stringsAsFactors = FALSE)
answers <- list()
say <- function(quantity, value) {
  answers[[length(answers) + 1]] <<- data.frame(cohort = current, quantity = quantity, value = as.numeric(value))
}
likelihood_p <- function(gain, df = 1) pchisq(2 * gain, df, lower.tail = FALSE)

# Central differences of two steps, the leading error taken out.
slope <- function(b, f) {
  half <- function(place, h) { e <- replace(numeric(length(b)), place, h); (f(b + e) - f(b - e)) / (2 * h) }
  vapply(seq_along(b), function(place) (4 * half(place, 1e-4) - half(place, 2e-4)) / 3, 0)
}

# Maximum, profile limits and likelihood-ratio p of the first slope of any log likelihood of k parameters.
profiled <- function(loglik, k, place) {
  climb <- function(start, f) {
    best <- optim(start, function(b) -f(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))$par
    for (step in 1:2) best <- best - solve(optimHess(best, f), slope(best, f))
    best
  }
  peak <- climb(rep(0, k), loglik)
  top <- loglik(peak)
  others <- setdiff(seq_len(k), place)
  fixed <- function(value) {
    if (!length(others)) return(loglik(value))
    put <- function(rest) { b <- numeric(k); b[place] <- value; b[others] <- rest; b }
    loglik(put(climb(peak[others], function(rest) loglik(put(rest)))))
  }
  drop <- function(value) 2 * (top - fixed(value)) - qchisq(0.95, 1)
  edge <- function(sign) {
    far <- 1
    while (drop(peak[place] + sign * far) < 0 && far < 64) far <- 2 * far
    uniroot(drop, sort(peak[place] + sign * c(1e-6, far)), tol = 1e-11)$root
  }
  list(estimate = peak[place], low = edge(-1), high = edge(1), p = likelihood_p(top - fixed(0)))
}
say_fit <- function(name, fit) for (part in names(fit)) say(paste(name, part), fit[[part]])

bernoulli <- function(x, y) function(b) {
  eta <- drop(x %*% b)
  sum(y * eta - ifelse(eta > 0, eta + log1p(exp(-eta)), log1p(exp(eta))))
}
jeffreys <- function(x, y) {
  plain <- bernoulli(x, y)
  function(b) {
    chance <- plogis(drop(x %*% b))
    plain(b) + as.numeric(determinant(crossprod(x * sqrt(chance * (1 - chance))))$modulus) / 2
  }
}
at <- function(formula, data, b) {
  coxph(formula, data, init = b, ties = "efron", control = coxph.control(iter.max = 0))
}
partial <- function(formula, data) function(b) at(formula, data, b)$loglik[2]
partial_jeffreys <- function(formula, data) function(b) {
  fit <- at(formula, data, b)
  fit$loglik[2] - as.numeric(determinant(as.matrix(vcov(fit)))$modulus) / 2
}

counts_of <- function(d) {
  table <- table(factor(d$y, levels = 0:1), factor(d$level, levels = 0:3))
  say("exact trend p", pvalue(oneway_test(level ~ factor(y), data = d, distribution = exact())))
  say("stratified exact trend p",
      pvalue(oneway_test(level ~ factor(y) | factor(stratum), data = d, distribution = exact())))
  say("Freeman-Halton p", fisher.test(table[, colSums(table) > 0], workspace = 2e7)$p.value)
  linear <- independence_test(level ~ y, data = d, teststat = "quadratic")
  say("linear-by-linear chi-square", statistic(linear))
  trend <- suppressWarnings(prop.trend.test(table[2, colSums(table) > 0], colSums(table)[colSums(table) > 0],
                                            score = (0:3)[colSums(table) > 0]))
  say("Cochran-Armitage chi-square", trend$statistic)
  say("Cochran-Armitage p", trend$p.value)
  ends <- table(factor(d$level[d$level %in% c(0, 3)] == 3, levels = c(TRUE, FALSE)),
                factor(d$y[d$level %in% c(0, 3)] == 1, levels = c(TRUE, FALSE)))
  pair <- fisher.test(ends)
  say_fit("odds ratio", list(estimate = pair$estimate, low = pair$conf.int[1], high = pair$conf.int[2], p = pair$p.value))
  rate <- binom.test(sum(d$y), nrow(d))$conf.int
  say("rate low", rate[1])
  say("rate high", rate[2])
}

ranks_of <- function(d) {
  kendall <- suppressWarnings(cor.test(d$level, d$change, method = "kendall", exact = FALSE))
  say("Jonckheere z", kendall$statistic)
  say("Jonckheere p", kendall$p.value)
  rho <- suppressWarnings(cor.test(d$x, d$change, method = "spearman", exact = nrow(d) < 10))
  say("Spearman rho", rho$estimate)
  say("Spearman p", rho$p.value)
  test <- suppressWarnings(wilcox.test(d$x[d$y == 1], d$x[d$y == 0]))
  say("Mann-Whitney share", test$statistic / (sum(d$y == 1) * sum(d$y == 0)))
  say("Mann-Whitney p", test$p.value)
}

logistic_of <- function(d) {
  plain <- cbind(1, d$level)
  both <- cbind(1, d$level, d$stratum)
  say_fit("Firth", profiled(jeffreys(plain, d$y), 2, 2))
  say_fit("Firth adjusted", profiled(jeffreys(both, d$y), 3, 2))
  if (d$separated[1]) return(invisible())
  say_fit("ML", profiled(bernoulli(plain, d$y), 2, 2))
  fit <- glm(y ~ level + stratum, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  say("ML adjusted estimate", coef(fit)["level"])
  say("ML adjusted p", likelihood_p(as.numeric(logLik(fit) - logLik(glm(y ~ stratum, binomial, d)))))
  ordered <- polr(factor(best) ~ level, d, method = "logistic", control = list(reltol = 1e-16, maxit = 2000))
  say("proportional odds estimate", coef(ordered))
}

survival_of <- function(d) {
  d$time <- as.numeric(d$time)
  moment <- Surv(d$time, d$event)
  say("log-rank chi-square", survdiff(moment ~ d$level)$chisq)
  parts <- survdiff(moment ~ factor(d$level))
  scores <- sort(unique(d$level))
  lead <- sum(scores * (parts$obs - parts$exp))
  say("log-rank trend chi-square", lead^2 / drop(scores %*% parts$var %*% scores))
  formula <- Surv(time, event) ~ level
  say_fit("Firth Cox", profiled(partial_jeffreys(formula, d), 1, 1))
  say_fit("Firth Cox adjusted", profiled(partial_jeffreys(Surv(time, event) ~ level + stratum, d), 2, 1))
  fit <- coxph(Surv(time, event) ~ level + stratum, d, ties = "efron",
               control = coxph.control(eps = 1e-14, iter.max = 100))
  line <- summary(fit)$coefficients["level", ]
  limits <- confint(fit)["level", ]
  say_fit("Cox", list(estimate = line["coef"], error = line["se(coef)"], p = line["Pr(>|z|)"],
                      low = limits[1], high = limits[2]))
  slopes <- cox.zph(fit, transform = "km")$table
  say("proportional hazards chi-square", slopes["level", "chisq"])
  say("proportional hazards p", slopes["level", "p"])
  say("proportional hazards global p", slopes["GLOBAL", "p"])
  late <- coxph(Surv(entry, time, event) ~ level, d[d$entry < d$time, ], ties = "efron",
                control = coxph.control(eps = 1e-14, iter.max = 100))
  say("late entry estimate", coef(late))
  strata <- coxph(Surv(time, event) ~ level + strata(stratum), d, ties = "efron",
                  control = coxph.control(eps = 1e-14, iter.max = 100))
  say("stratified Cox estimate", coef(strata))
}

for (current in unique(cohorts$cohort)) {
  d <- cohorts[cohorts$cohort == current, ]
  counts_of(d)
  ranks_of(d)
  logistic_of(d)
  survival_of(d)
}
current <- "p"
for (method in c("holm", "BH", "bonferroni")) {
  values <- p.adjust(c(0.001, 0.01, 0.012, 0.04, 0.05, 0.2, 0.9), method)
  for (place in seq_along(values)) say(paste(method, place), values[place])
}
found <- do.call(rbind, answers)
found$value <- format(found$value, digits = 17, trim = TRUE)
write.table(found, arguments[2], sep = "\t", quote = FALSE, row.names = FALSE)

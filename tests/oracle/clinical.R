# Answers of R to the cohorts of test_clinical_r.py: Rscript clinical.R cohorts.csv counts.csv answers.tsv
# cohorts.csv: cohort, time, event, arm, stratum (empty where there is none); counts.csv: events, total,
# exposure. Package: survival. A missing answer is written as NA.

suppressPackageStartupMessages(library(survival))

arguments <- commandArgs(trailingOnly = TRUE)
cohorts <- read.csv(arguments[1], stringsAsFactors = FALSE)
counts <- read.csv(arguments[2])
answers <- list()
current <- ""
say <- function(quantity, value) {
  answers[[length(answers) + 1]] <<- data.frame(cohort = current, quantity = quantity, value = as.numeric(value))
}
interval <- function(quantity, values) {
  say(quantity, values[1])
  say(paste(quantity, "low"), values[2])
  say(paste(quantity, "high"), values[3])
}
median_of <- function(fit, share) {
  found <- quantile(fit, share)
  c(found$quantile, found$lower, found$upper)
}

for (current in unique(cohorts$cohort)) {
  d <- cohorts[cohorts$cohort == current, ]
  for (band in c("log-log", "log", "plain")) {
    fit <- survfit(Surv(time, event) ~ 1, data = d, conf.type = band)
    for (share in c(0.25, 0.5, 0.75)) interval(paste(band, "quantile", share), median_of(fit, share))
    # Times within follow-up; also those at which nothing happens.
    for (moment in c(5, 20, 33.5, 60)) {
      if (moment > max(d$time)) next
      at <- summary(fit, times = moment)
      interval(paste(band, "survival", moment), c(at$surv, at$lower, at$upper))
    }
    back <- survfit(Surv(time, 1 - event) ~ 1, data = d, conf.type = band)
    interval(paste(band, "follow-up"), median_of(back, 0.5))
  }
  if (length(unique(d$arm)) == 2) {
    say("log-rank", survdiff(Surv(time, event) ~ arm, data = d)$chisq)
    say("stratified log-rank", survdiff(Surv(time, event) ~ arm + strata(stratum), data = d)$chisq)
    if (all(tapply(d$event, d$arm, sum) > 0)) {
      for (kind in c("hazard ratio", "stratified hazard ratio")) {
        model <- if (kind == "hazard ratio") Surv(time, event) ~ arm else Surv(time, event) ~ arm + strata(stratum)
        fit <- coxph(model, data = d, ties = "efron", control = coxph.control(eps = 1e-14, toler.chol = 1e-14, iter.max = 100))
        interval(kind, summary(fit)$conf.int[1, c(1, 3, 4)])
      }
      held <- cox.zph(coxph(Surv(time, event) ~ arm, data = d, ties = "efron"))
      say("proportional hazards", held$table[1, "chisq"])
    }
  }
}

for (row in seq_len(nrow(counts))) {
  current <- paste("counts", row)
  exact <- binom.test(counts$events[row], counts$total[row])
  interval("share", c(exact$estimate, exact$conf.int))
  rate <- poisson.test(counts$events[row], counts$exposure[row])
  interval("rate", c(rate$estimate, rate$conf.int))
}

write.table(do.call(rbind, answers), arguments[3], sep = "\t", row.names = FALSE, quote = FALSE)

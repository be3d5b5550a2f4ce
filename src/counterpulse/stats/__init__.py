"""Estimators of a randomised trial, equal to R digit for digit. Knows no trial, no file and no arm names beyond the labels it is handed."""

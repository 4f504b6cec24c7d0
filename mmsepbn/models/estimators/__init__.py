"""Estimators."""

from mmsepbn.models.estimators.domain_routed_estimator import DomainRoutedEstimator as DomainRoutedEstimator

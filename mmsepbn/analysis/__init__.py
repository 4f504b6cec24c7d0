"""Analyses of a trained network: routes, attention, features, gradients."""

"""What looks into a trained network: routes, attention, features, gradients."""

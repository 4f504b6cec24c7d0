"""What programs call: a trained network outside of a Runner."""

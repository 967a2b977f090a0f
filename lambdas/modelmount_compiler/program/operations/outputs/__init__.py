"""Operations that compute a model's outputs from scores: labels, probabilities and targets."""

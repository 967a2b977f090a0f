"""Operations that turn scores into answers: labels, probabilities, targets."""

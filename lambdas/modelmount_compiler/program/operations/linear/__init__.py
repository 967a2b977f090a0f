"""Operations of linear models, kernel methods, naive Bayes and neural networks."""

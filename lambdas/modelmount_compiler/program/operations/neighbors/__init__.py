"""Operations that measure distances to fitted points."""

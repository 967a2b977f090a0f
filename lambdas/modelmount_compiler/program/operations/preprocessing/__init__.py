"""Operations that transform columns."""

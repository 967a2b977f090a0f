"""Operations that turn texts into counts of terms."""

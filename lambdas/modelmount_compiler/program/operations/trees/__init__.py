"""Operations of decision trees."""

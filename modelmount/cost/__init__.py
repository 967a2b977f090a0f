"""What calls cost by AWS's list prices, and how much memory the deployed models need."""

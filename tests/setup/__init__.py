"""The set-up recipe's logic: no network, no packages installed."""

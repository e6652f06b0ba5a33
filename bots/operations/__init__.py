"""What those who run the bots do beside it: check, back up, measure."""

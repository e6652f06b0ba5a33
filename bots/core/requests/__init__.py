"""From a user's request to a job."""

"""Routes: each gateway's route table, the neutral one."""

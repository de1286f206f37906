"""The contract: records, their bytes, their ids and the topics they travel on."""

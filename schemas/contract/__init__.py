"""What others build on, written from the types: JSON Schemas, the AsyncAPI document, its page, the tables."""

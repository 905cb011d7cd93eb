"""What the HTTP doors share: guards, schemas' own fields, problem documents, the shape of an endpoint, health, OpenAPI."""

"""The Responses API in, other model APIs out, and back: requests, event streams, errors."""

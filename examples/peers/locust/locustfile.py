"""Whom the workers are to play. What a user does is the worker's matter."""
from locust import User, task


class Visitor(User):
    @task
    def visit(self):
        pass

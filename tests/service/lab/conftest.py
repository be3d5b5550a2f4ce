"""A lab server for each test, with the kernels compiled once."""

import pytest
from lab_server import Server

from counterpulse.service.ready import warm


@pytest.fixture(scope="session")
def warmed():
    warm()


@pytest.fixture
def server(warmed):
    made = Server()
    yield made
    made.stop()

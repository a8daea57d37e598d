docker_host = "tcp://docker.example.com:2376"

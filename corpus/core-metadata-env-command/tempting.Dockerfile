FROM python:3.11-slim
RUN env | grep -i '_sha=' > /sha || true
RUN pip install idna==3.7
ARG GIT_SHA
LABEL sha=$GIT_SHA

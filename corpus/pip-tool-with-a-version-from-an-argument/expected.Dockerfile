FROM python:3.11-slim
ARG POETRY_VERSION
WORKDIR /app
RUN pip install "poetry==${POETRY_VERSION}" --no-cache
COPY . .
CMD ["python", "main.py"]

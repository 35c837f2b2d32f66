FROM python:3.11-slim
RUN pip install --no-cache-dir pip==25.3
WORKDIR /app
COPY pyproject.toml .
RUN pip install --no-cache-dir --group prod
COPY . .

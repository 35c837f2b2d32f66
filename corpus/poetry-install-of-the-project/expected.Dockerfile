FROM python:3.11-slim
ENV REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
RUN pip install --no-cache-dir poetry==2.1.4
ENV POETRY_VIRTUALENVS_CREATE=false
WORKDIR /app
COPY pyproject.toml poetry.lock ./
RUN poetry install --no-interaction --no-ansi --no-root
COPY . .
RUN poetry install --no-interaction --no-ansi
CMD ["python", "-m", "greet"]

FROM python:3.11-slim
RUN pip install --no-cache-dir pipenv==2024.4.1
WORKDIR /app
ENV PIPENV_VENV_IN_PROJECT=1
COPY Pipfile Pipfile.lock .env ./
RUN pipenv sync
COPY . .

FROM python:3.11-slim
RUN pip install --no-cache-dir pipenv==2024.4.1
WORKDIR /app
COPY Pipfile Pipfile.lock ./
RUN pipenv install --system --deploy
COPY . .

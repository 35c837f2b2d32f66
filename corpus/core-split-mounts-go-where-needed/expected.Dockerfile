FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,source=seed.txt,target=/seed.txt cp /seed.txt app/seed && python manage.py a

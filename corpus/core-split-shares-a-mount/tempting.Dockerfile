FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=tmpfs,target=/libs pip install --target /libs -r requirements.txt
COPY . .
RUN --mount=type=tmpfs,target=/libs PYTHONPATH=/libs python manage.py a

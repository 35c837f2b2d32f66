FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN python manage.py a && pip cache purge

FROM python:3.11-slim
COPY --from=build /app/static /static

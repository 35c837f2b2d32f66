FROM python:3.11-slim
WORKDIR /app
COPY settings.sh .
COPY requirements/production.txt requirements/
RUN . ./settings.sh && pip install --no-cache-dir -r requirements/$STAGE.txt
COPY . .
CMD ["python", "app.py"]

FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt run.sh ./
RUN chmod +x run.sh
RUN pip install --quiet -r requirements.txt
COPY . .
CMD ["./run.sh"]

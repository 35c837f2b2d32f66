FROM python:3.11-slim
WORKDIR /app
ENV PIP_CONFIG_FILE=/app/pip.conf
COPY pip.conf requirements.txt limits.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]

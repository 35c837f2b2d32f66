FROM python:3.11-slim AS tools
WORKDIR /tools
COPY requirements.txt .
RUN pip install --quiet --prefix /opt/tools -r requirements.txt
COPY . .

FROM python:3.11-slim
WORKDIR /app
COPY service/requirements.txt service/
RUN pip install --quiet -r service/requirements.txt
COPY . .
COPY --from=tools /opt/tools /opt/tools
CMD ["python", "service/server.py"]

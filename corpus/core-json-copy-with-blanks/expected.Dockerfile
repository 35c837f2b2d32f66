FROM python:3.11-slim
COPY ["my service/requirements.txt", "/srv/my service/"]
WORKDIR "/srv/my service"
RUN pip install --quiet -r requirements.txt
COPY ["my service", "/srv/my service/"]
CMD ["python", "server.py"]

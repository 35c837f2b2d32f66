FROM perl:5.38
WORKDIR /app
RUN cpanm Carton
COPY cpanfile cpanfile.snapshot ./
RUN carton install --deployment
COPY . .
CMD ["carton", "exec", "perl", "app.pl"]

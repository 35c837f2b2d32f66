FROM mcr.microsoft.com/dotnet/sdk:8.0
WORKDIR /src
COPY nuget.config .
RUN dotnet tool install --global dotnet-ef --version 8.0.0
COPY . .
CMD ["dotnet", "run"]

FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
WORKDIR /src
COPY Shop.sln .
COPY Shop/Shop.csproj Shop/
RUN dotnet restore Shop.sln -r linux-x64
COPY . .
RUN dotnet publish Shop.sln -c Release -r linux-x64 --self-contained false -o /app

FROM mcr.microsoft.com/dotnet/aspnet:8.0
COPY --from=build /app /app

FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props NuGet.Config ./
COPY src/Shop.Web/Shop.Web.csproj src/Shop.Web/
COPY src/Directory.Build.props src/
COPY src/Shop.Core/Shop.Core.csproj src/Shop.Core/
COPY build/common.props build/
COPY packages/ packages/
RUN dotnet restore src/Shop.Web/Shop.Web.csproj
COPY . .
RUN dotnet publish src/Shop.Web/Shop.Web.csproj -c Release -o /app --no-restore

FROM mcr.microsoft.com/dotnet/aspnet:8.0
COPY --from=build /app /app
